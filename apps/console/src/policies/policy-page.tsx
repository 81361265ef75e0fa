/** The policy of the fleet: who deployed it and when, how many hosts have it, and the form to change it. */
import { endpoints, type Policy } from '@coreward/contracts'
import { Anchor, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { queryOf } from '../api/query.ts'
import { useFormat } from '../format/use-format.ts'
import { AnswerOf } from '../ui/answer.tsx'
import { Mark } from '../ui/mark.tsx'
import { Moment } from '../ui/moment.tsx'
import { Page } from '../ui/page.tsx'
import { PolicyEditor } from './policy-editor.tsx'

export function PolicyPage() {
  const { t } = useTranslation()
  const query = useQuery(queryOf(endpoints.readPolicy, {}))
  return (
    <Page title={t('shell.page.policy')}>
      <AnswerOf query={query}>
        {(policy) => (
          <>
            <Deployment policy={policy} />
            <PolicyEditor latest={policy} />
          </>
        )}
      </AnswerOf>
    </Page>
  )
}

function Deployment({ policy }: { policy: Policy }) {
  const { t } = useTranslation()
  const format = useFormat()
  const all = policy.agentsApplied >= policy.agentsTotal
  return (
    <Group gap="lg" fz={13}>
      <Text fz="inherit" fw={600}>
        {t('policies.version', { version: policy.version })}
      </Text>
      <span>
        {t('policies.deployedBy', { name: policy.deployedBy })} <Moment at={policy.deployedAt} />
      </span>
      {policy.note !== '' && <Text fz="inherit">{t('policies.note', { note: policy.note })}</Text>}
      <Mark tone={all ? 'healthy' : 'active'}>
        <Anchor component={Link} to={all ? '/hosts' : '/hosts?outdated=policy'} fz="inherit">
          {t('policies.applied', {
            applied: format.count(policy.agentsApplied),
            total: format.count(policy.agentsTotal),
          })}
        </Anchor>
      </Mark>
    </Group>
  )
}
