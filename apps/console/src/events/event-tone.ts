/** How much attention an event wants. */
import type { EventContent } from '@coreward/contracts'
import type { Tone } from '../ui/mark.tsx'

/** The tone of an event: what failed or was found stands out, what is routine does not. */
export function toneOf(content: EventContent): Tone {
  switch (content.type) {
    case 'threat.detected':
      return 'critical'
    case 'threat.action':
      return content.data.outcome === 'failed' ? 'critical' : 'healthy'
    case 'scan.finished':
      return content.data.state === 'completed' ? 'healthy' : 'warning'
    case 'file.unscanned':
    case 'process.replaced':
      return 'warning'
    case 'definitions.failed':
    case 'policy.failed':
      return 'critical'
    case 'definitions.updated':
    case 'policy.applied':
      return 'healthy'
    case 'agent.started':
    case 'agent.stopped':
    case 'scan.started':
      return 'plain'
  }
}
