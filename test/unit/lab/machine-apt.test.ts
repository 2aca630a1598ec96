import { describe, expect, it } from 'vitest';

import { findMirror, findProxies, seenFromHost } from '../../../src/lab/machine-apt.ts';

describe('findMirror', () => {
  it('takes the mirror that is labelled as Debian itself, without the slash', () => {
    const targets = `http://pkgs.example/node/ Node Source Packages
http://mirror.example/debian-security/ Debian-Security Packages
http://mirror.example/deb/ Debian Translations
http://mirror.example/deb/ Debian Packages`;
    expect(findMirror(targets)).toBe('http://mirror.example/deb');
  });

  it('goes by the address before the lists were ever fetched', () => {
    const targets = 'http://mirror.example/debian-security/  Packages\nhttp://mirror.example/debian/  Packages\n';
    expect(findMirror(targets)).toBe('http://mirror.example/debian');
  });

  it('finds none among other distributions', () => {
    expect(findMirror('http://archive.example/ubuntu/ Ubuntu Packages\n')).toBeUndefined();
    expect(findMirror('')).toBeUndefined();
  });
});

describe('findProxies', () => {
  it('reads both schemes and leaves DIRECT and proxies of single hosts out', () => {
    const dump = `Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https::proxy "http://proxy.example:3129/";
Acquire::http::Proxy::mirror.example "DIRECT";
Acquire::http::Pipeline-Depth "0";
`;
    expect(findProxies(dump)).toEqual({ http: 'http://proxy.example:3128', https: 'http://proxy.example:3129/' });
    expect(findProxies('Acquire::http::Proxy "DIRECT";')).toEqual({});
  });
});

describe('seenFromHost', () => {
  it.each([
    ['http://127.0.0.1:3142/debian', { url: 'http://10.77.1.1:3142/debian', loopbackPort: 3142 }],
    ['http://localhost', { url: 'http://10.77.1.1', loopbackPort: 80 }],
    ['https://localhost/', { url: 'https://10.77.1.1', loopbackPort: 443 }],
    ['http://mirror.example/debian', { url: 'http://mirror.example/debian' }],
  ])('%s', (address, expected) => {
    expect(seenFromHost(address, '10.77.1.1')).toEqual(expected);
  });
});
