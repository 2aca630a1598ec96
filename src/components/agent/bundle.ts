import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { IS_SOURCE, PACKAGE_ROOT } from '../../package-root.ts';

const BUILT = join(PACKAGE_ROOT, 'dist', 'agent.mjs');

/** Packages in the old format of modules ask for Node's own by `require`, which a module of the new one does not have. */
const BANNER = `// Managed by pgscale: the part of it that runs on the hosts.
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);`;

let program: string | undefined;

/** The agent as one file of JavaScript: the built one, or made from source when the command line runs from source too. */
export function agentProgram(): string {
  program ??= IS_SOURCE ? bundleAgent() : readFileSync(BUILT, 'utf8');
  return program;
}

/** Bundles src/agent; `npm run build` writes the outcome into dist/. esbuild is there in the development tree only. */
export function bundleAgent(): string {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [join(PACKAGE_ROOT, 'src', 'agent', 'main.ts')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifySyntax: true,
    banner: { js: BANNER },
    legalComments: 'none',
    write: false,
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild made no file');
  return file.text;
}
