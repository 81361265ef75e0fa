/** Takes a host's certificate from it, after the consequences were read and the hostname was typed. */
import { type Agent, endpoints } from '@coreward/contracts'
import { List, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../api/call.ts'
import { queryOf } from '../api/query.ts'
import { TypedConfirmation } from '../ui/typed-confirmation.tsx'

export function RevokeHost({
  agent,
  opened,
  onClose,
}: {
  agent: Agent
  opened: boolean
  onClose: () => void
}) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const params = { agentId: agent.id }
  const revoke = useMutation({
    mutationFn: () => call(endpoints.revokeAgent, { params }),
    onSuccess: (revoked) => {
      client.setQueryData(queryOf(endpoints.readAgent, { params }).queryKey, revoked)
      void client.invalidateQueries({ queryKey: [endpoints.listAgents.path] })
      onClose()
    },
  })
  const { hostname } = agent.host
  return (
    <TypedConfirmation
      opened={opened}
      onClose={onClose}
      title={t('agents.revoke.title', { hostname })}
      act={t('agents.revoke.act')}
      word={hostname}
      onConfirm={() => revoke.mutate()}
      pending={revoke.isPending}
      error={revoke.error}
    >
      <Text size="sm">{t('agents.revoke.what', { hostname })}</Text>
      <List size="sm">
        <List.Item>{t('agents.revoke.keeps')}</List.Item>
        <List.Item>{t('agents.revoke.blind')}</List.Item>
        <List.Item>{t('agents.revoke.undo')}</List.Item>
      </List>
    </TypedConfirmation>
  )
}
