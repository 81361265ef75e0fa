/**
 * The console's entry: prepares what must stand before the first render (validation without eval, the language) and
 * mounts the shell. It decides nothing else.
 */
import '@mantine/core/styles.css'
import '@mantine/charts/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './shell/tokens.css'
import './shell/library.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import { startLanguage } from './shell/language.ts'
import { Providers } from './shell/providers.tsx'

// The server's Content-Security-Policy forbids eval; zod would otherwise try it once and be reported.
z.config({ jitless: true })
await startLanguage()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root to mount the console on')
createRoot(root).render(
  <StrictMode>
    <Providers />
  </StrictMode>,
)
