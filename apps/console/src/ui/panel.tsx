/** A titled part of a page: a region with its heading, an optional link at the right, and its content. */
import { Group, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import classes from './panel.module.css'

/** `flush` leaves the padding to the content, for tables. */
export function Panel({
  title,
  beside,
  flush,
  children,
}: {
  title: string
  beside?: ReactNode
  flush?: boolean
  children: ReactNode
}) {
  const id = useId()
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <Group justify="space-between" className={classes.head} wrap="nowrap">
        <Title order={2} id={id}>
          {title}
        </Title>
        {beside}
      </Group>
      <div className={classes.body} data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  )
}
