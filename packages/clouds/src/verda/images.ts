import type { components } from '@gpu-clouds/verda';

type Image = Pick<components['schemas']['Os'], 'image_type' | 'is_cluster'>;

/** GPUs that NVIDIA's open kernel modules do not support; Blackwell works with nothing else (NVIDIA, open-gpu-kernel-modules). */
const needsClosedModules = /[vp]100/i;

/**
 * The image type to install when nobody asked for one, of those that fit the instance: with CUDA, since the vendor's plain
 * Ubuntu has no driver; with Docker, if there is one; with the kernel modules that suit the GPU; then the newest.
 */
export function cudaImage(images: readonly Image[], instanceType: string): string | undefined {
  const open = !needsClosedModules.test(instanceType);
  const rank = (type: string) => [
    Number(/docker/i.test(type)),
    Number(/open/i.test(type) === open),
    ...(type.match(/\d+/g) ?? []).map(Number),
  ];
  return images
    .filter((image) => !image.is_cluster && /cuda/i.test(image.image_type))
    .map((image) => image.image_type)
    .sort((a, b) => compare(rank(b), rank(a)))[0];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((value, index) => value !== b[index]);
  return differs < 0 ? 0 : (a[differs] ?? 0) - (b[differs] ?? 0);
}
