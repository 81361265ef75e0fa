/** Starts a scan of one host: what to scan, and what happens with what is found, for this scan only. */
import { type Agent, endpoints, HostPath, type ScanKind, ThreatAction } from '@coreward/contracts'
import { Button, Checkbox, Group, Modal, Radio, SegmentedControl, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { call } from '../api/call.ts'
import { Failure } from '../ui/failure.tsx'
import { Mark } from '../ui/mark.tsx'

const kinds = ['quick', 'full', 'custom'] as const satisfies readonly ScanKind[]

interface Wish {
  kind: ScanKind
  paths: string
  action: 'policy' | ThreatAction
  fresh: boolean
}

/** The paths of a text, one a line. */
function pathsIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

export function StartScan({
  agent,
  opened,
  onClose,
}: {
  agent: Agent
  opened: boolean
  onClose: () => void
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const form = useForm<Wish>({
    initialValues: { kind: 'quick', paths: '', action: 'policy', fresh: false },
    validate: {
      paths: (text, { kind }) => {
        if (kind !== 'custom') return null
        const paths = pathsIn(text)
        if (paths.length === 0) return t('scans.start.pathsMissing')
        if (paths.length > 100) return t('scans.start.pathsTooMany')
        const wrong = paths.find(
          (path) => !/^(\/|[A-Za-z]:\\)/.test(path) || !HostPath.safeParse(path).success,
        )
        return wrong === undefined ? null : t('scans.start.pathNotAbsolute', { path: wrong })
      },
    },
  })
  const start = useMutation({
    mutationFn: ({ kind, paths, action, fresh }: Wish) =>
      call(endpoints.startScan, {
        params: { agentId: agent.id },
        body: {
          kind,
          paths: kind === 'custom' ? pathsIn(paths) : [],
          ...(action === 'policy' ? {} : { action }),
          ...(fresh ? { fresh } : {}),
        },
      }),
    onSuccess: (scan) => {
      void client.invalidateQueries({ queryKey: [endpoints.listScans.path] })
      form.reset()
      void navigate(`/scans/${scan.id}`)
    },
  })
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('scans.start.title', { hostname: agent.host.hostname })}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <form onSubmit={form.onSubmit((wish) => start.mutate(wish))}>
        <Stack gap="md">
          {!agent.online && <Mark tone="warning">{t('scans.start.offline')}</Mark>}
          <Radio.Group label={t('scans.start.kind')} {...form.getInputProps('kind')}>
            <Stack gap="sm" mt="sm">
              {kinds.map((kind) => (
                <Radio
                  key={kind}
                  size="xs"
                  value={kind}
                  data-autofocus={kind === 'quick' || undefined}
                  label={t(`scans.kind.${kind}`)}
                  description={t(`scans.start.about.${kind}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          {form.values.kind === 'custom' && (
            <Textarea
              label={t('scans.start.paths')}
              description={t('scans.start.pathsHint')}
              autosize
              minRows={3}
              spellCheck={false}
              ff="monospace"
              {...form.getInputProps('paths')}
            />
          )}
          <Stack gap={4}>
            <Text size="xs" fw={500} id="scan-action">
              {t('scans.start.action')}
            </Text>
            <SegmentedControl
              size="xs"
              aria-labelledby="scan-action"
              data={(['policy', ...ThreatAction.options] as const).map((value) => ({
                value,
                label: t(`scans.start.actionOf.${value}`),
              }))}
              {...form.getInputProps('action')}
            />
          </Stack>
          <Checkbox
            size="xs"
            label={t('scans.start.fresh')}
            description={t('scans.start.freshHint')}
            {...form.getInputProps('fresh', { type: 'checkbox' })}
          />
          {start.isError && <Failure error={start.error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {t('ui.cancel')}
            </Button>
            <Button type="submit" loading={start.isPending}>
              {t('scans.start.act')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
