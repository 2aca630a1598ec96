import { CATALOGUE, type CatalogueEntry } from '../../src/errors/catalogue/index.ts';
import { EXIT_STATUS } from '../../src/errors/exit-status.ts';
import { GENERATED, markdownTable } from './markdown.ts';

/** docs/reference/errors.md */
export function errorsPage(): string {
  const entries = Object.entries(CATALOGUE).sort(([left], [right]) => (left < right ? -1 : 1));
  const parts = entries.map(([code, entry]: [string, CatalogueEntry]) => {
    const status = EXIT_STATUS[entry.exit].status;
    return `## ${code}\n\n${entry.title} Exit status ${status}.\n\n**Why:** ${entry.why}\n\n**Do:** ${entry.fix}`;
  });
  const intro = 'Every error that pgscale gives on purpose. `pgscale explain CODE` says the same on the command line.';
  return [GENERATED, '# Errors', intro, ...parts].join('\n\n') + '\n';
}

/** docs/reference/exit-status.md */
export function exitStatusPage(): string {
  const rows = Object.entries(EXIT_STATUS).map(([name, { status, meaning }]) => [String(status), name, meaning]);
  const table = markdownTable(['status', 'name', 'meaning'], rows);
  return [GENERATED, '# Exit statuses', 'The same for every command.', table].join('\n\n') + '\n';
}
