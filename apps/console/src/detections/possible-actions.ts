/** Which actions an operator can ask for, from where a detection's file is. Rules only; the server has the last word. */
import type { Detection } from '@coreward/contracts'

export type OperatorAction = 'quarantine' | 'restore' | 'delete'

/** The actions in the order they are offered: the one that can be undone first. */
export function actionsFor(detection: Pick<Detection, 'state' | 'quarantineId'>): readonly OperatorAction[] {
  switch (detection.state) {
    case 'active':
    case 'restored':
      return ['quarantine', 'delete']
    case 'quarantined':
      return detection.quarantineId === null ? [] : ['restore', 'delete']
    case 'deleted':
      return []
  }
}

/** Whether the last thing that happened is a restore that failed: it may have been refused for what is still found. */
export function restoreWasRefused(detection: Pick<Detection, 'steps'>): boolean {
  const last = detection.steps.at(-1)
  return last?.action === 'restore' && last.outcome === 'failed'
}
