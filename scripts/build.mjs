// Builds dist/ and the manifest of commands. Plain Node, because scripts/setup.mjs runs it first of all.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program of node_modules, with its output on this terminal. */
function run(program, ...args) {
  execFileSync(join('node_modules', '.bin', program), args, { stdio: 'inherit' });
}

/**
 * TypeScript 6 forgets `import('./x.ts')` when it rewrites extensions in a function that holds `using`, which it writes
 * anew for Node 20.
 */
function rewriteForgottenImports(directory) {
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.js')) continue;
    const path = join(directory, entry);
    const text = readFileSync(path, 'utf8');
    const rewritten = text.replace(/\bimport\((['"])(\.{1,2}\/[^'"]+)\.ts\1\)/gu, 'import($1$2.js$1)');
    if (rewritten !== text) writeFileSync(path, rewritten);
  }
}

rmSync('dist', { recursive: true, force: true });
run('tsc');
rewriteForgottenImports('dist');
run('oclif', 'manifest');
