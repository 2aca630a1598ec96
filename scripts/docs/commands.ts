import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { type Command, Config, type Interfaces, settings } from '@oclif/core';

import { GENERATED, markdownTable } from './markdown.ts';

/** docs/reference/commands.md, from the commands as they are in src. */
export async function commandsPage(): Promise<string> {
  const config = await loadConfig();
  const commands = config.commands
    .filter((command) => command.pluginName === config.name && !command.hidden)
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  const global = Object.values(commands[0]?.flags ?? {}).filter((flag) => flag.helpGroup === 'GLOBAL');
  const parts = commands.map((command) => commandPart(command));
  return (
    [
      GENERATED,
      '# Commands',
      'Every command takes these flags too:',
      flagTable(global),
      'Results go to stdout, progress and prose to stderr. With `--json`, stdout is one JSON document ' +
        '(`apply`: one line for each event and the result last) with a `schemaVersion`.',
      ...parts,
    ].join('\n\n') + '\n'
  );
}

/** As bin/dev.js does: the sources, whatever was built. */
async function loadConfig(): Promise<Config> {
  settings.enableAutoTranspile = false;
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const pjson = JSON.parse(text) as Interfaces.PJSON & { oclif: { commands: string } };
  pjson.oclif.commands = './commands';
  return Config.load({ root: fileURLToPath(new URL('../../src', import.meta.url)), pjson });
}

function commandPart(command: Command.Loadable): string {
  const name = `pgscale ${command.id.replaceAll(':', ' ')}`;
  const args = Object.values(command.args);
  const usage = [name, ...args.map((arg) => (arg.required ? arg.name.toUpperCase() : `[${arg.name.toUpperCase()}]`))];
  const flags = Object.values(command.flags).filter((flag) => flag.helpGroup !== 'GLOBAL' && !flag.hidden);
  const argRows = args.map((arg) => [`\`${arg.name.toUpperCase()}\``, arg.description ?? '']);
  const examples = [command.examples ?? []].flat().map(exampleText);
  return [
    `## ${name}`,
    render(command.summary ?? ''),
    render(command.description ?? ''),
    `\`${usage.join(' ')}${flags.length > 0 ? ' [FLAGS]' : ''}\``,
    argRows.length > 0 ? markdownTable(['argument', 'meaning'], argRows) : '',
    flags.length > 0 ? flagTable(flags) : '',
    examples.length > 0 ? ['```sh', ...examples, '```'].join('\n') : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function flagTable(flags: readonly Command.Flag.Cached[]): string {
  const sorted = [...flags].sort((left, right) => (left.name < right.name ? -1 : 1));
  const rows = sorted.map((flag) => [
    flagText(flag),
    render(flag.summary ?? flag.description ?? ''),
    defaultText(flag),
  ]);
  return markdownTable(['flag', 'meaning', 'default'], rows);
}

function flagText(flag: Command.Flag.Cached): string {
  const short = flag.char === undefined ? '' : `-${flag.char}, `;
  if (flag.type === 'boolean') return `\`${short}--${flag.allowNo ? '[no-]' : ''}${flag.name}\``;
  const value = flag.options === undefined ? 'VALUE' : flag.options.join('|');
  const notes = [flag.required && 'required', flag.multiple && 'repeatable'].filter(Boolean).join(', ');
  return `\`${short}--${flag.name} ${value}\`${notes === '' ? '' : ` (${notes})`}`;
}

function defaultText(flag: Command.Flag.Cached): string {
  const value: unknown = flag.default;
  return typeof value === 'string' || typeof value === 'number' ? `\`${value}\`` : '';
}

function exampleText(example: Command.Example): string {
  return render(typeof example === 'string' ? example : example.command);
}

function render(text: string): string {
  return text
    .replaceAll(/<%= config\.bin %>/gu, 'pgscale')
    .replaceAll(/<%= command\.id %>/gu, '')
    .replace(/^\$ /gmu, '');
}
