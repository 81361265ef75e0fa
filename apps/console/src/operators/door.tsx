/** The frame of the pages before one is signed in: the product, one form, and the preferences of this browser. */
import { Box, Group, Paper, Stack, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { Brand } from '../shell/brand.tsx'
import { PreferencesMenu } from '../shell/preferences-menu.tsx'
import classes from './door.module.css'

export function Door({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Coreward`
  }, [title])
  return (
    <Box component="main" className={classes.door}>
      <Stack w={400} maw="100%" gap="md">
        <Group justify="space-between">
          <Brand />
          <Group gap={0}>
            <PreferencesMenu />
          </Group>
        </Group>
        <Paper withBorder p="lg" bg="var(--cw-surface)">
          <Title order={1} mb="md">
            {title}
          </Title>
          {children}
        </Paper>
      </Stack>
    </Box>
  )
}
