import { expect, it } from 'vitest';
import { cudaImage } from './images.ts';

const images = (...types: string[]) => types.map((image_type) => ({ image_type, is_cluster: false }));

it.each([
  [
    '1H100.80S.30V',
    ['ubuntu-24.04', 'ubuntu-22.04-cuda-12.4-docker', 'ubuntu-24.04-cuda-12.8-open-docker'],
    'ubuntu-24.04-cuda-12.8-open-docker',
  ],
  [
    '1V100.6V',
    ['ubuntu-22.04-cuda-12.4-docker', 'ubuntu-24.04-cuda-12.8-open-docker'],
    'ubuntu-22.04-cuda-12.4-docker',
  ],
  ['1L40S.20V', ['ubuntu-24.04-cuda-12.8-open', 'ubuntu-22.04-cuda-12.4-docker'], 'ubuntu-22.04-cuda-12.4-docker'],
  [
    '1L40S.20V',
    ['ubuntu-22.04-cuda-12.4', 'ubuntu-22.04-cuda-12.10', 'ubuntu-20.04-cuda-12.12'],
    'ubuntu-22.04-cuda-12.10',
  ],
  ['1L40S.20V', ['ubuntu-24.04', 'ubuntu-22.04'], undefined],
])('installs on a %s, out of %j, %s', (instanceType, types, expected) => {
  expect(cudaImage(images(...types), instanceType)).toBe(expected);
  expect(cudaImage(images(...types).reverse(), instanceType)).toBe(expected);
});

it('never installs the image of a cluster', () => {
  expect(cudaImage([{ image_type: 'ubuntu-22.04-cuda-12.4-cluster', is_cluster: true }], '1L40S.20V')).toBeUndefined();
});
