/** What stands around every page: theme, query cache, notifications, routes. The console's composition root. */
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from 'react-router/dom'
import { makeQueryClient } from '../api/query-client.ts'
import { router } from './router.tsx'
import { cssVariables, theme } from './theme.ts'

const queryClient = makeQueryClient()
const colorSchemeManager = localStorageColorSchemeManager({ key: 'coreward.color-scheme' })

export function Providers() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" limit={3} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  )
}
