/** What happened, why, what to do: the three things every finding says, always in this order. */
import { Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './explanation.module.css'
import { type Tone, ToneIcon } from './mark.tsx'

interface ExplanationProps {
  tone: Tone
  title: string
  why: ReactNode
  remedy: ReactNode
  /** The title's rank among headings; 2 where the explanation is a part of the page by itself. */
  order?: 2 | 3
  children?: ReactNode
}

/** One finding explained. */
export function Explanation({ tone, title, why, remedy, order = 3, children }: ExplanationProps) {
  const { t } = useTranslation()
  const Heading = `h${order}` as const
  return (
    <div className={classes.explanation} data-tone={tone}>
      <ToneIcon tone={tone} size={20} />
      <Stack gap={8} flex={1} miw={0}>
        <Heading className={classes.title}>{title}</Heading>
        <dl className={classes.parts}>
          <dt>{t('ui.why')}</dt>
          <dd>{why}</dd>
          <dt>{t('ui.remedy')}</dt>
          <dd>{remedy}</dd>
        </dl>
        {children && <Text component="div">{children}</Text>}
      </Stack>
    </div>
  )
}
