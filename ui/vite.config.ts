import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { NodePackageImporter } from 'sass';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * `npm run dev` shows the screens in a browser, over sample data: in its mode alone, Tauri's two modules are
 * replaced by those in `dev/`. A build never sees them.
 */
export default defineConfig(({ command, mode }) => ({
  plugins: [svelte()],
  resolve: {
    alias: {
      $lib: here('src/lib'),
      ...(command === 'serve' && mode === 'look'
        ? { '@tauri-apps/api/core': here('dev/core.ts'), '@tauri-apps/api/event': here('dev/event.ts') }
        : {}),
    },
    conditions: mode === 'test' ? ['browser'] : undefined,
  },
  css: {
    // govuk-frontend holds `@media screen\0`, which the CSS parser would stop at.
    lightningcss: { errorRecovery: true },
    preprocessorOptions: {
      scss: {
        importers: [new NodePackageImporter(here('.'))],
        // `@ministryofjustice/frontend` names govuk-frontend by its folder.
        loadPaths: [here('.')],
        quietDeps: true,
      },
    },
  },
  build: {
    outDir: 'dist',
    target: ['chrome111', 'safari16.4'],
    modulePreload: { polyfill: false },
    // Nothing may be inlined into the page: its policy forbids it.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}));
