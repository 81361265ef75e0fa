/** What has happened to a detection, step by step, oldest first: by whom, how it ended, and why it failed. */
import type { Detection } from '@coreward/contracts'
import { Text, Timeline } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type Tone, ToneIcon } from '../ui/mark.tsx'
import { Moment } from '../ui/moment.tsx'
import { Panel } from '../ui/panel.tsx'

const tones: Record<Detection['steps'][number]['outcome'], Tone> = {
  requested: 'active',
  succeeded: 'healthy',
  failed: 'critical',
}

export function DetectionStory({ detection }: { detection: Detection }) {
  const { t } = useTranslation()
  return (
    <Panel title={t('detections.story.title')}>
      <Timeline bulletSize={22} lineWidth={1} active={detection.steps.length} color="gray" mt="sm">
        {detection.steps.map((step, index) => (
          <Timeline.Item
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
            key={index}
            bullet={<ToneIcon tone={step.action === 'detected' ? 'critical' : tones[step.outcome]} />}
            title={
              <Text size="sm" fw={500} component="span">
                {step.action === 'detected'
                  ? t('detections.story.detected')
                  : t(`detections.story.${step.action}.${step.outcome}`)}
              </Text>
            }
          >
            <Text size="xs" c="dimmed">
              <Moment at={step.at} exact />
              {step.by !== null && ` · ${t('detections.story.by', { name: step.by })}`}
            </Text>
            {step.failure !== null && (
              <Text size="xs" mt={4} lang="en">
                {step.failure}
              </Text>
            )}
          </Timeline.Item>
        ))}
      </Timeline>
    </Panel>
  )
}
