import type { Hook } from '@oclif/core';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { errorJson, renderError } from '../errors/render.ts';
import { nearest } from '../spec/nearest.ts';
import { envelope } from '../ui/json.ts';

/** Names the command that was meant, and never runs it by itself: it may change something. */
const commandNotFound: Hook<'command_not_found'> = async ({ id, argv = [], config }) => {
  const words = id.split(':');
  const commands = config.commands
    .filter((command) => !command.hidden)
    .map((command) => command.id.replaceAll(':', ' '));
  const meant = nearest(words.join(' '), commands) ?? nearest(words[0] ?? '', commands);
  const error = new PgscaleError('PGS_USAGE', {
    what: `There is no command \`pgscale ${words.join(' ')}\`.`,
    ...(meant !== undefined && { why: `Did you mean \`pgscale ${meant}\`?` }),
    next: [meant === undefined ? 'pgscale --help' : `pgscale ${meant} --help`],
  });
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(envelope(errorJson([error])), null, 2)}\n`);
  else process.stderr.write(`${renderError(error)}\n`);
  error.skipOclifErrorHandling = true;
  throw error;
};

export default commandNotFound;
