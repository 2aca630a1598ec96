import { afterEach, describe, expect, it, vi } from 'vitest';

import { requireRoom, requireRoot, requireTools } from '../../../src/lab/requirements.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const unsupported = (what: string): object =>
  expect.objectContaining({ code: 'PGS_LAB_UNSUPPORTED', exitCode: 4, message: what }) as object;

describe('a machine that cannot run the lab', () => {
  it('is told so when it is not Linux', () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect(() => requireRoot()).toThrow(unsupported('the lab needs Linux, and this is darwin'));
  });

  it('is told so when the user is not root', () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    expect(() => requireRoot()).toThrow(unsupported('the lab needs root'));
  });

  it('is told how much memory is missing', async () => {
    vi.stubEnv('PGSCALE_LAB_STATE', '/tmp');
    vi.stubEnv('PGSCALE_LAB_CACHE', '/tmp');
    await expect(requireRoom(1_000_000)).rejects.toThrow(/of memory are free, and 1000000 hosts need 500000\.0 GiB$/u);
  });

  it('is told how much room on the disk is missing', async () => {
    vi.stubEnv('PGSCALE_LAB_STATE', '/proc');
    await expect(requireRoom(1)).rejects.toThrow('/proc has 0.0 GiB free, and the lab needs 6.0 GiB');
  });

  it('is told which packages are missing, when none may be installed', async () => {
    vi.stubEnv('PATH', '/nowhere');
    const refused = requireTools(false, () => undefined);
    await expect(refused).rejects.toMatchObject({ code: 'PGS_LAB_TOOLS', exitCode: 4 });
    await expect(refused).rejects.toThrow('mmdebstrap, systemd-container, iproute2, nftables, openssh-client, mount');
  });
});
