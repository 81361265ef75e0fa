/**
 * What can be done about a detection: quarantine, restore, delete. Which of them is offered follows from where the file
 * is; each says what it will do to which file on which host before it is asked of the agent.
 */
import { type Detection, endpoints } from '@coreward/contracts'
import { Button, Checkbox, Text } from '@mantine/core'
import { IconArrowBackUp, IconBox, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../api/call.ts'
import { queryOf } from '../api/query.ts'
import { FilePath } from '../ui/file-path.tsx'
import { TypedConfirmation } from '../ui/typed-confirmation.tsx'
import { actionsFor, type OperatorAction, restoreWasRefused } from './possible-actions.ts'

const icons = { quarantine: IconBox, restore: IconArrowBackUp, delete: IconTrash }

export function DetectionActions({ detection }: { detection: Detection }) {
  const { t } = useTranslation()
  const [asked, setAsked] = useState<OperatorAction>()
  const possible = actionsFor(detection)
  return (
    <>
      {possible.map((action, index) => {
        const Icon = icons[action]
        return (
          <Button
            key={action}
            variant={index === 0 && action === 'quarantine' ? 'filled' : 'default'}
            leftSection={<Icon size={14} aria-hidden />}
            disabled={detection.pendingAction !== null}
            onClick={() => setAsked(action)}
          >
            {t(`detections.action.${action}.open`)}
          </Button>
        )
      })}
      {asked && <Question action={asked} detection={detection} onClose={() => setAsked(undefined)} />}
    </>
  )
}

function Question({
  action,
  detection,
  onClose,
}: {
  action: OperatorAction
  detection: Detection
  onClose: () => void
}) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const refused = action === 'restore' && restoreWasRefused(detection)
  const [evenIfInfected, setEvenIfInfected] = useState(false)
  const params = { detectionId: detection.id }
  const act = useMutation({
    mutationFn: () => call(endpoints.actOnDetection, { params, body: { action, evenIfInfected } }),
    onSuccess: (changed) => {
      client.setQueryData(queryOf(endpoints.readDetection, { params }).queryKey, changed)
      void client.invalidateQueries({ queryKey: [endpoints.listDetections.path] })
      onClose()
    },
  })
  const { hostname } = detection
  return (
    <TypedConfirmation
      opened
      onClose={onClose}
      title={t(`detections.action.${action}.title`, { hostname })}
      act={t(`detections.action.${action}.act`)}
      harmless={action === 'quarantine'}
      {...(action === 'delete' ? { word: hostname } : {})}
      onConfirm={() => act.mutate()}
      pending={act.isPending}
      error={act.error}
    >
      <Text size="sm">{t(`detections.action.${action}.what`, { hostname })}</Text>
      <FilePath path={detection.path} />
      {detection.innerPath !== null && <Text size="sm">{t('detections.action.wholeArchive')}</Text>}
      <Text size="sm" c="dimmed">
        {t(`detections.action.${action}.undo`)}
      </Text>
      {action === 'restore' && (
        <Checkbox
          size="xs"
          label={t('detections.action.restore.evenIfInfected')}
          description={
            refused ? t('detections.action.restore.wasRefused') : t('detections.action.restore.hint')
          }
          checked={evenIfInfected}
          onChange={(event) => setEvenIfInfected(event.currentTarget.checked)}
        />
      )}
    </TypedConfirmation>
  )
}
