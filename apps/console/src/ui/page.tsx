/**
 * A page's frame: its title in the document and as the one h1, where it hangs, what can be done on it. It also brings
 * the keyboard to the title after a change of page, so that screen readers say where one is.
 */
import { Anchor, Box, Breadcrumbs, Group, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { Link, useLocation } from 'react-router'
import classes from './page.module.css'

interface PageProps {
  title: string
  /** Pages above this one. */
  above?: readonly { title: string; to: string }[]
  /** What stands beside the title: a state. */
  beside?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

let lastPath: string | undefined

/** The frame of every page. */
export function Page({ title, above, beside, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const { pathname } = useLocation()
  useEffect(() => {
    document.title = `${title} · Coreward`
  }, [title])
  useEffect(() => {
    if (lastPath !== undefined && lastPath !== pathname) heading.current?.focus({ preventScroll: true })
    lastPath = pathname
  }, [pathname])
  return (
    <Box className={classes.page}>
      <Group
        component="header"
        justify="space-between"
        align="flex-end"
        className={classes.head}
        wrap="nowrap"
      >
        <Box miw={0}>
          {above && (
            <Breadcrumbs fz={12} separatorMargin={6}>
              {above.map(({ title: name, to }) => (
                <Anchor key={to} component={Link} to={to} fz={12}>
                  {name}
                </Anchor>
              ))}
              <span />
            </Breadcrumbs>
          )}
          <Group gap="md" align="center">
            <Title order={1} ref={heading} tabIndex={-1} className={classes.title}>
              {title}
            </Title>
            {beside}
          </Group>
        </Box>
        <Group gap="sm" className={classes.actions}>
          {actions}
        </Group>
      </Group>
      {children}
    </Box>
  )
}
