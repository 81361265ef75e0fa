/** A host by its name, leading to its page. */
import { Anchor } from '@mantine/core'
import { Link } from 'react-router'

export function HostLink({ agentId, hostname }: { agentId: string; hostname: string }) {
  return (
    <Anchor component={Link} to={`/hosts/${agentId}`} fz="inherit" title={hostname}>
      {hostname}
    </Anchor>
  )
}
