/**
 * How the console is built and served in development. What is built loads nothing from another host and runs under
 * `default-src 'self'`: no inline script, no eval, no data: addresses for assets.
 */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where the management server's console listener is while the console is being worked on. */
const developmentServer = 'http://127.0.0.1:8080'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  build: {
    emptyOutDir: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1300,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: developmentServer } },
  },
})
