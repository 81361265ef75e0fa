/** The last look before a policy goes to every host: the differences, a note for whoever comes later, and the deployment. */
import { endpoints, type Policy, type PolicySettings } from '@coreward/contracts'
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../api/call.ts'
import { queryOf } from '../api/query.ts'
import { Failure } from '../ui/failure.tsx'
import { DifferenceTable } from './difference-table.tsx'
import type { Difference } from './policy-difference.ts'

interface DeployReviewProps {
  base: Policy
  settings: PolicySettings
  differences: readonly Difference[]
  opened: boolean
  onClose: () => void
  onDeployed: (policy: Policy) => void
}

export function DeployReview({
  base,
  settings,
  differences,
  opened,
  onClose,
  onDeployed,
}: DeployReviewProps) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [note, setNote] = useState('')
  const deploy = useMutation({
    mutationFn: () => call(endpoints.deployPolicy, { body: { baseVersion: base.version, settings, note } }),
    onSuccess: (policy) => {
      client.setQueryData(queryOf(endpoints.readPolicy, {}).queryKey, policy)
      notifications.show({ message: t('policies.deployed', { version: policy.version }), role: 'status' })
      setNote('')
      onDeployed(policy)
      onClose()
    },
    onError: () => void client.invalidateQueries({ queryKey: [endpoints.readPolicy.path] }),
  })
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size={720}
      title={t('policies.review.title', { version: base.version + 1 })}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <Stack gap="md">
        <DifferenceTable differences={differences} />
        <Textarea
          label={t('policies.review.note')}
          description={t('policies.review.noteHint')}
          value={note}
          maxLength={500}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Text size="sm">{t('policies.review.reach', { count: base.agentsTotal })}</Text>
        {deploy.isError && <Failure error={deploy.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button loading={deploy.isPending} onClick={() => deploy.mutate()}>
            {t('policies.review.act')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
