#!/usr/bin/env -S node --import tsx
// The sources as they are, without a build. `src` is given as the root, so that a manifest of a build is not used.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { execute, settings } from '@oclif/core';

settings.enableAutoTranspile = false; // tsx is loaded already, and oclif's own attempt to load it again fails
const pjson = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
pjson.oclif.commands = './commands';
pjson.oclif.hooks = { command_not_found: './hooks/command-not-found', machines: './lab/machines-hook' };
await execute({ loadOptions: { root: fileURLToPath(new URL('../src', import.meta.url)), pjson } });
