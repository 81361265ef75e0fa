/**
 * A state in one word with an icon whose shape says the same: colour is never alone. The nouns' folders say which tone
 * and word belongs to which of their states.
 */
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconExclamationCircleFilled,
  IconInfoCircle,
  IconProgress,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './mark.module.css'

/** What a colour means. There are no colours for anything else. */
export type Tone = 'critical' | 'warning' | 'healthy' | 'unknown' | 'active' | 'plain'

const icons = {
  critical: IconExclamationCircleFilled,
  warning: IconAlertTriangleFilled,
  healthy: IconCircleCheckFilled,
  unknown: IconCircleDashed,
  active: IconProgress,
  plain: IconInfoCircle,
}

/** The icon alone, where the word stands beside it anyway. */
export function ToneIcon({ tone, size = 15 }: { tone: Tone; size?: number }) {
  const Icon = icons[tone]
  return <Icon size={size} className={classes.icon} data-tone={tone} aria-hidden />
}

/** Icon and word. */
export function Mark({ tone, children, strong }: { tone: Tone; children: ReactNode; strong?: boolean }) {
  return (
    <span className={classes.mark} data-strong={strong || undefined}>
      <ToneIcon tone={tone} />
      <span>{children}</span>
    </span>
  )
}
