/** What an event says, in one sentence of the reader's language, from its type and data. */
import type { EventContent } from '@coreward/contracts'
import { useTranslation } from 'react-i18next'

export function useEventText() {
  const { t } = useTranslation()
  return (content: EventContent): string => {
    switch (content.type) {
      case 'agent.started':
        return content.data.asRoot
          ? t('events.text.agent.startedAsRoot', { version: content.data.agentVersion })
          : t('events.text.agent.started', { version: content.data.agentVersion })
      case 'agent.stopped':
        return t('events.text.agent.stopped')
      case 'process.replaced':
        return t('events.text.process.replaced', {
          process: t(`agents.process.of.${content.data.process}`),
          reason: content.data.reason,
        })
      case 'scan.started':
        return t('events.text.scan.started', {
          kind: t(`scans.kind.${content.data.kind}`),
          trigger: t(`scans.trigger.${content.data.trigger}`),
        })
      case 'scan.finished':
        return t('events.text.scan.finished', {
          kind: t(`scans.kind.${content.data.kind}`),
          state: t(`scans.state.${content.data.state}`),
          files: content.data.summary.filesScanned,
          infected: content.data.summary.filesInfected,
        })
      case 'file.unscanned':
        return t('events.text.file.unscanned', {
          path: whole(content.data),
          reason: t(`scans.unscanned.of.${content.data.reason}.what`),
        })
      case 'threat.detected':
        return t('events.text.threat.detected', {
          path: whole(content.data),
          signature: content.data.signature,
        })
      case 'threat.action':
        return t(`events.text.threat.${content.data.action}.${content.data.outcome}`, {
          path: content.data.path,
          failure: content.data.failure ?? '',
        })
      case 'definitions.updated':
        return t('events.text.definitions.updated', { version: content.data.version })
      case 'definitions.failed':
        return t('events.text.definitions.failed', { failure: content.data.failure })
      case 'policy.applied':
        return t('events.text.policy.applied', { version: content.data.version })
      case 'policy.failed':
        return t('events.text.policy.failed', { failure: content.data.failure })
    }
  }
}

function whole({ path, innerPath }: { path: string; innerPath: string | null }): string {
  return innerPath === null ? path : `${path} › ${innerPath}`
}
