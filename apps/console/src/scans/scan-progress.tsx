/** A scan that runs or is about to: how far it is, how fast, how long it will take, and the way to stop it. */
import { endpoints, type Scan } from '@coreward/contracts'
import { Button, Group, Progress, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../api/call.ts'
import { queryOf } from '../api/query.ts'
import { useFormat } from '../format/use-format.ts'
import { useScanProgress } from '../live/live-provider.tsx'
import { Failure } from '../ui/failure.tsx'
import { FilePath } from '../ui/file-path.tsx'
import { shareDone } from './share-done.ts'

export function ScanProgressBar({ scan }: { scan: Scan }) {
  const { t } = useTranslation()
  const format = useFormat()
  const progress = useScanProgress(scan)
  if (scan.state === 'requested' || progress === null) {
    return (
      <Stack gap="sm">
        <Text size="sm" role="status">
          {scan.state === 'requested' ? t('scans.progress.requested') : t('scans.progress.starting')}
        </Text>
        <Progress value={100} animated striped aria-hidden />
        <CancelScan scan={scan} />
      </Stack>
    )
  }
  const done = shareDone(progress)
  const percent = done === null ? 100 : done * 100
  const files = format.count(progress.filesDone)
  const facts = [
    progress.filesTotal === null
      ? t('scans.progress.files', { done: files })
      : t('scans.progress.filesOf', { done: files, total: format.count(progress.filesTotal) }),
    progress.bytesTotal === null
      ? format.bytes(progress.bytesDone)
      : t('scans.progress.bytesOf', {
          done: format.bytes(progress.bytesDone),
          total: format.bytes(progress.bytesTotal),
        }),
    format.rate(progress.bytesPerSecond),
    progress.secondsLeft === null
      ? t('scans.progress.counting')
      : t('scans.progress.left', { time: format.duration(progress.secondsLeft) }),
  ]
  return (
    <Stack gap="sm">
      <Group gap="lg" fz={13}>
        <Text fw={600} fz="inherit">
          {done === null ? t('scans.state.running') : format.share(done)}
        </Text>
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
        <span>{t('scans.progress.detections', { count: progress.detections })}</span>
        <span>{t('scans.progress.unscanned', { count: progress.unscanned })}</span>
      </Group>
      <Progress.Root size={8} aria-hidden={done === null}>
        <Progress.Section
          value={percent}
          animated={done === null}
          striped={done === null}
          aria-label={t('scans.progress.label')}
        />
      </Progress.Root>
      <VisuallyHidden role="status">
        {done !== null && t('scans.progress.spoken', { share: format.share(Math.floor(done * 10) / 10) })}
      </VisuallyHidden>
      <Group justify="space-between" wrap="nowrap">
        <Text component="div" size="xs" c="dimmed" miw={0}>
          {progress.currentPath !== null && <FilePath path={progress.currentPath} short />}
        </Text>
        <CancelScan scan={scan} />
      </Group>
    </Stack>
  )
}

function CancelScan({ scan }: { scan: Scan }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const params = { scanId: scan.id }
  const cancel = useMutation({
    mutationFn: () => call(endpoints.cancelScan, { params }),
    onSuccess: (changed) => {
      client.setQueryData(queryOf(endpoints.readScan, { params }).queryKey, changed)
      void client.invalidateQueries({ queryKey: [endpoints.listScans.path] })
    },
  })
  return (
    <>
      <Button
        variant="default"
        flex="none"
        style={{ alignSelf: 'flex-start' }}
        disabled={cancel.isSuccess}
        loading={cancel.isPending}
        onClick={() => cancel.mutate()}
      >
        {cancel.isSuccess ? t('scans.cancel.asked') : t('scans.cancel.act')}
      </Button>
      {cancel.isError && <Failure error={cancel.error} />}
    </>
  )
}
