/** A host's facts: what it is, what runs on it, and how much memory that takes. */
import type { Agent } from '@coreward/contracts'
import { Table } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/use-format.ts'
import { Absent } from '../ui/absent.tsx'
import { Facts } from '../ui/facts.tsx'
import { Moment } from '../ui/moment.tsx'
import { Panel } from '../ui/panel.tsx'
import { CurrencyMark } from './currency-mark.tsx'

export function HostIdentity({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { host } = agent
  return (
    <Panel title={t('agents.identity')}>
      <Facts
        rows={[
          [t('agents.fact.system'), host.operatingSystem],
          [
            t('agents.fact.kernel'),
            t('agents.fact.kernelOn', { kernel: host.kernel, architecture: host.architecture }),
          ],
          [t('agents.fact.addresses'), host.addresses.join(', ') || <Absent key="addresses" />],
          [t('agents.fact.processors'), format.count(host.processors)],
          [t('agents.fact.memory'), format.bytes(host.memoryBytes)],
          [t('agents.fact.enrolled'), <Moment key="enrolled" at={agent.enrolledAt} />],
          [t('agents.fact.seen'), <Moment key="seen" at={agent.lastSeenAt} />],
          [t('agents.fact.certificate'), <Moment key="certificate" at={agent.certificateExpiresAt} />],
        ]}
      />
    </Panel>
  )
}

export function HostProtection({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { versions } = agent
  return (
    <Panel title={t('agents.protection')}>
      <Facts
        rows={[
          [
            t('agents.fact.definitions'),
            <CurrencyMark
              key="definitions"
              version={versions.definitions}
              current={agent.definitionsCurrent}
            />,
          ],
          [
            t('agents.fact.policy'),
            <CurrencyMark key="policy" version={versions.policy} current={agent.policyCurrent} />,
          ],
          [t('agents.fact.agent'), t('agents.fact.agentOn', { agent: versions.agent, node: versions.node })],
          [t('agents.fact.quarantined'), format.count(agent.quarantinedFiles)],
          [t('agents.fact.spooled'), format.count(agent.spooledEvents)],
        ]}
      />
      <Processes agent={agent} />
    </Panel>
  )
}

function Processes({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  const format = useFormat()
  if (agent.processes.length === 0) return null
  return (
    <Table mt="sm" aria-label={t('agents.process.label')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('agents.process.name')}</Table.Th>
          <Table.Th ta="end">{t('agents.process.pid')}</Table.Th>
          <Table.Th ta="end">{t('agents.process.memory')}</Table.Th>
          <Table.Th ta="end">{t('agents.process.restarts')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {agent.processes.map((process) => (
          <Table.Tr key={process.name}>
            <Table.Td>{t(`agents.process.of.${process.name}`)}</Table.Td>
            <Table.Td ta="end">{process.pid}</Table.Td>
            <Table.Td ta="end">
              {process.pssBytes === null ? <Absent /> : format.bytes(process.pssBytes)}
            </Table.Td>
            <Table.Td ta="end">{format.count(process.restarts)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
