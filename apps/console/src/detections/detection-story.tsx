/** What has happened to a detection, step by step, oldest first: by whom, how it ended, and why it failed. */
import type { Detection } from '@coreward/contracts'
import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type Tone, ToneIcon } from '../ui/mark.tsx'
import { Moment } from '../ui/moment.tsx'
import { Panel } from '../ui/panel.tsx'
import classes from './detection-story.module.css'

type Step = Detection['steps'][number]

const tones: Record<Step['outcome'], Tone> = {
  requested: 'active',
  succeeded: 'healthy',
  failed: 'critical',
}

export function DetectionStory({ detection }: { detection: Detection }) {
  const { t } = useTranslation()
  const titleOf = ({ action, outcome }: Step) =>
    action === 'detected' ? t('detections.story.detected') : t(`detections.story.${action}.${outcome}`)
  return (
    <Panel title={t('detections.story.title')}>
      <ol className={classes.story}>
        {detection.steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
          <li key={index} className={classes.step}>
            <ToneIcon tone={step.action === 'detected' ? 'critical' : tones[step.outcome]} size={16} />
            <div>
              <div className={classes.title}>{titleOf(step)}</div>
              <Text size="xs" c="dimmed">
                <Moment at={step.at} exact />
                {step.by !== null && ` · ${t('detections.story.by', { name: step.by })}`}
              </Text>
              {step.failure !== null && (
                <Text size="xs" lang="en">
                  {step.failure}
                </Text>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
