import { describe, expect, it } from 'vitest';
import { imageId } from './images.ts';

const images = [
  'Art',
  'Ubuntu Desktop 22.04',
  'Ubuntu Server 20.04 w/ drivers',
  'Ubuntu Server 22.04 w/ drivers',
  'Ubuntu Server 24.04',
].map((vm_image_name, index) => ({ vm_image_id: index + 1, vm_image_name }));

describe('imageId', () => {
  it('prefers the newest plain server with the driver', () => {
    expect(imageId(images, undefined)).toBe(4);
  });

  it('finds an image by its name', () => {
    expect(imageId(images, 'Art')).toBe(1);
  });

  it('says which names there are when it has no such image', () => {
    expect(() => imageId(images, 'Windows')).toThrow(/no image "Windows".*Art, Ubuntu Desktop 22\.04/);
  });
});
