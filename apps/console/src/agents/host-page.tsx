/** One host: what is wrong, what runs, how its last scan went, what was found, what it says. */
import { type Agent, endpoints } from '@coreward/contracts'
import { ActionIcon, Button, Menu, SimpleGrid } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDots, IconPlugConnectedX, IconRadar } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useParams, useSearchParams } from 'react-router'
import { queryOf } from '../api/query.ts'
import { RecentDetections } from '../detections/recent-detections.tsx'
import { RecentEvents } from '../events/recent-events.tsx'
import { HostScans } from '../scans/host-scans.tsx'
import { StartScan } from '../scans/start-scan.tsx'
import { AnswerOf } from '../ui/answer.tsx'
import { Page } from '../ui/page.tsx'
import { HealthFindings } from './health-findings.tsx'
import { HealthMark } from './health-mark.tsx'
import { HostIdentity, HostProtection } from './host-identity.tsx'
import { RevokeHost } from './revoke-host.tsx'

export function HostPage() {
  const { t } = useTranslation()
  const { agentId = '' } = useParams()
  const query = useQuery(queryOf(endpoints.readAgent, { params: { agentId } }))
  const agent = query.data
  return (
    <Page
      title={agent?.host.hostname ?? t('agents.one')}
      above={[{ title: t('shell.page.hosts'), to: '/hosts' }]}
      beside={agent && <HealthMark health={agent.health} revoked={agent.state === 'revoked'} />}
      actions={agent && <HostActions agent={agent} />}
    >
      <AnswerOf query={query}>
        {(found) => (
          <>
            <HealthFindings agent={found} />
            <HostScans agent={found} />
            <RecentDetections
              title={t('agents.detections')}
              filter={{ agentId: found.id }}
              none={t('agents.noDetections')}
            />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
              <HostProtection agent={found} />
              <HostIdentity agent={found} />
            </SimpleGrid>
            <RecentEvents agentId={found.id} />
          </>
        )}
      </AnswerOf>
    </Page>
  )
}

function HostActions({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  const [parameters, setParameters] = useSearchParams()
  const [revoking, { open, close }] = useDisclosure(false)
  const scanning = parameters.get('scan') === 'new'
  if (agent.state === 'revoked') return null
  return (
    <>
      <Button
        leftSection={<IconRadar size={14} aria-hidden />}
        onClick={() => setParameters({ scan: 'new' })}
      >
        {t('scans.start.open')}
      </Button>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" aria-label={t('agents.more')} size={30}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPlugConnectedX size={14} aria-hidden />} onClick={open}>
            {t('agents.revoke.open')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <StartScan agent={agent} opened={scanning} onClose={() => setParameters({}, { replace: true })} />
      <RevokeHost agent={agent} opened={revoking} onClose={close} />
    </>
  )
}
