import { Option } from '@commander-js/extra-typings';
import { gpuNames, positive, repeated, vendorNames } from '../option-values.ts';

/** Options that select offers. They have the same names and meaning in `offers`, `run`, and `up`. */
export const offerOptions = {
  gpu: (fallback: string) =>
    new Option(
      '--gpu <name[:count]>',
      `GPU and how many, for example 4090, A100-80GB, or H100:8; separate alternatives with commas or repeat the option (default: ${fallback})`,
    ).argParser(gpuNames),
  memory: () => new Option('--memory <gib>', 'minimum memory of one GPU, in GiB (default: any)').argParser(positive),
  region: () =>
    new Option(
      '--region <name>',
      'region, or what its name begins with, for example FIN; repeat the option for several (default: all)',
    ).argParser(repeated),
  vendor: () =>
    new Option(
      '--vendor <name>',
      'cloud; separate several with commas or repeat the option (default: all with credentials)',
    ).argParser(vendorNames),
  maxPrice: () =>
    new Option(
      '--max-price <usd>',
      'maximum price of the whole instance, in US dollars per hour (default: no limit)',
    ).argParser(positive),
  spot: (fallback: string) =>
    new Option(
      '--spot <which>',
      `spot instances, which the cloud can take back at any time (default: ${fallback})`,
    ).choices(['allow', 'only', 'never']),
} as const;
