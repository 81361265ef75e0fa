/** A list or page with nothing on it: why that is, and what would change it. */
import { EmptyState } from '@mantine/core'
import type { ReactNode } from 'react'

/** `children` are the actions that help. */
export function Nothing({
  icon,
  title,
  text,
  children,
}: {
  icon: ReactNode
  title: string
  text?: string | undefined
  children?: ReactNode
}) {
  return (
    <EmptyState icon={icon} title={title} description={text} size="sm" py="xl" px="md">
      {children && <EmptyState.Actions>{children}</EmptyState.Actions>}
    </EmptyState>
  )
}
