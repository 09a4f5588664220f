import type { components } from '@gpu-clouds/massed-compute';
import { invalidOrder } from '../failure-rules.ts';

type Image = components['schemas']['ImagesV1']['images'][number];

/** What is installed when nobody asked for an image, best first: a plain server with the driver. */
const preferred = [/ubuntu server.*driver/i, /ubuntu server/i, /ubuntu/i];

/** Ids differ between accounts, so that an image is known by its name. @throws CloudError `invalid` for an unknown name. */
export function imageId(images: readonly Image[], name: string | undefined): number {
  const found = name === undefined ? byPreference(images) : images.find((image) => image.vm_image_name === name);
  if (found !== undefined) return found.vm_image_id;
  const names = images.map((image) => image.vm_image_name).join(', ');
  throw invalidOrder(
    'massed-compute',
    'launchInstance',
    `Massed Compute has no image ${name === undefined ? 'with Ubuntu' : `"${name}"`} for this account. It has: ${names}.`,
  );
}

/** The newest of the best kind there is: `22.04` sorts after `20.04`. */
function byPreference(images: readonly Image[]): Image | undefined {
  const sorted = [...images].sort((a, b) => (a.vm_image_name < b.vm_image_name ? 1 : -1));
  return preferred
    .map((kind) => sorted.find((image) => kind.test(image.vm_image_name)))
    .find((image) => image !== undefined);
}
