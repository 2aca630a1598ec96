import chalk from 'chalk';

import { table } from './table.ts';

interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly endsAt: string;
  readonly daysLeft: number;
}

/** What is shown of the certificates of a cluster; the operation has it. */
export interface ShownCertificates {
  readonly cluster: string;
  readonly authority: ShownCertificate;
  readonly hosts: readonly {
    readonly host: string;
    readonly certificate: ShownCertificate | null;
    readonly holders: readonly { component: string; port: number | null; isCurrent: boolean; answers: boolean }[];
  }[];
  readonly problems: readonly string[];
}

const NONE = '–';
const DAYS = { heading: 'days left', align: 'right' } as const;

/** The CA and the certificate of each host, then who holds it, then what is wrong. */
export function renderCertificates({ authority, hosts, problems }: ShownCertificates): string {
  const certificates = table(
    ['host', 'issuer', 'ends', DAYS, 'names'],
    [
      [chalk.dim('CA'), authority.subject, authority.endsAt.slice(0, 10), authority.daysLeft, NONE],
      ...hosts.map(({ host, certificate }) =>
        certificate === null
          ? [host, chalk.red('no certificate'), NONE, NONE, NONE]
          : [
              host,
              certificate.issuer,
              certificate.endsAt.slice(0, 10),
              certificate.daysLeft,
              certificate.names.join(' '),
            ],
      ),
    ],
  );
  const holders = table(
    ['host', 'component', { heading: 'port', align: 'right' }, 'holds'],
    hosts.flatMap(({ host, holders: all }) =>
      all.map(({ component, port, isCurrent, answers }) => [
        host,
        component,
        port ?? NONE,
        isCurrent ? chalk.green('this certificate') : chalk.red(answers ? 'an older one' : 'no answer'),
      ]),
    ),
  );
  return [certificates, '', holders, ...problems.map((text) => `${chalk.red('✖')} ${text}`)].join('\n');
}
