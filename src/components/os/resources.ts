import { dirname } from 'node:path/posix';

import { directory } from '../../resources/directory.ts';
import { absentFile, file } from '../../resources/file.ts';
import { group } from '../../resources/group.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { sysctl } from '../../resources/sysctl.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { PKI } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { hugePages, kernelSettings } from './settings.ts';

const TRANSPARENT_HUGE_PAGES = 'pgscale-thp.service';
const LOGIND_FILE = '/etc/systemd/logind.conf.d/pgscale.conf';
const HUGE_PAGES_FILE = '/etc/sysctl.d/61-pgscale-hugepages.conf';

/** Nothing here but settings: what is read by a service later has to be there before it starts. */
export function osResources(target: Target): Resource[] {
  const settings = kernelSettings(target);
  return [
    group(PKI.group),
    ...(Object.keys(settings).length === 0 ? [] : [sysctl('60-pgscale', settings)]),
    ...(target.spec.os.tune && target.host.roles.includes('database') ? databaseHost(target) : []),
  ];
}

function databaseHost(target: Target): Resource[] {
  return [
    directory({ path: dirname(LOGIND_FILE) }),
    file({
      path: LOGIND_FILE,
      content: renderTemplate('os/logind.conf', {}),
      notifies: [{ unit: 'systemd-logind.service', how: 'reload' }],
    }),
    hugePagesFile(hugePages(target)),
    unitFile({ unit: TRANSPARENT_HUGE_PAGES, content: renderTemplate(`os/${TRANSPARENT_HUGE_PAGES}`, {}) }),
    service({ unit: TRANSPARENT_HUGE_PAGES, enabled: true, state: 'started' }),
  ];
}

/**
 * Not by `sysctl()`: a host that has been up for long may find fewer pages in one piece than it is asked for. That is no
 * failure, and the next boot gives them all.
 */
function hugePagesFile(count: number): Resource {
  const notifies = [{ unit: 'systemd-sysctl.service', how: 'restart' as const }];
  if (count === 0) return absentFile(HUGE_PAGES_FILE);
  return file({ path: HUGE_PAGES_FILE, content: renderTemplate('os/hugepages.conf', { count }), notifies });
}
