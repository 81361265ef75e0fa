/** What is wrong with a host, each finding explained from its code; worst first. Words from the catalogues, not from the host. */
import type { Agent } from '@coreward/contracts'
import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Explanation } from '../ui/explanation.tsx'
import { Moment } from '../ui/moment.tsx'
import { findingTones } from './health-mark.tsx'

const ranks = { critical: 0, warning: 1, information: 2 } as const

export function HealthFindings({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  const findings = [...agent.findings].sort((a, b) => ranks[a.severity] - ranks[b.severity])
  const silent = agent.state === 'enrolled' && !agent.online
  if (findings.length === 0 && !silent && agent.state !== 'revoked') return null
  return (
    <Stack gap="sm" component="section" aria-label={t('agents.findings')}>
      {agent.state === 'revoked' && (
        <Explanation
          order={2}
          tone="unknown"
          title={t('agents.finding.revoked.what')}
          why={t('agents.finding.revoked.why')}
          remedy={t('agents.finding.revoked.remedy')}
        />
      )}
      {silent && (
        <Explanation
          order={2}
          tone="unknown"
          title={t('agents.finding.silent.what')}
          why={t('agents.finding.silent.why')}
          remedy={t('agents.finding.silent.remedy')}
        >
          <Text size="xs" c="dimmed">
            {t('agents.column.lastSeen')}: <Moment at={agent.lastSeenAt} exact />
          </Text>
        </Explanation>
      )}
      {findings.map((finding) => (
        <Explanation
          key={finding.code}
          order={2}
          tone={findingTones[finding.severity]}
          title={t(`agents.finding.${finding.code}.what`)}
          why={t(`agents.finding.${finding.code}.why`)}
          remedy={t(`agents.finding.${finding.code}.remedy`)}
        >
          {finding.text !== '' && (
            <Text size="xs" c="dimmed">
              {t('agents.hostSays')} <span lang="en">{finding.text}</span>
            </Text>
          )}
        </Explanation>
      ))}
    </Stack>
  )
}
