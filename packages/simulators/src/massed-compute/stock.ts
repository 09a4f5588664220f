import { type Product, regions } from './catalog.ts';
import { errorResponse } from './errors.ts';

export class Stock {
  readonly products: readonly Product[];
  readonly #free = new Map<string, number>();

  constructor(products: readonly Product[]) {
    this.products = products;
    for (const product of products) {
      for (const [region, count] of Object.entries(product.stock)) this.#free.set(`${product.name}@${region}`, count);
    }
  }

  /** @throws ErrorResponse when there is no such product */
  product(name: string): Product {
    const product = this.products.find((each) => each.name === name);
    if (product === undefined) throw errorResponse(422, 'Product not found');
    return product;
  }

  regionsWithCapacity(product: Product): readonly string[] {
    return Object.keys(product.stock).filter((region) => this.#count(product, region) > 0);
  }

  capacity(product: Product): number {
    return Object.keys(product.stock).reduce((sum, region) => sum + this.#count(product, region), 0);
  }

  /** @param wanted a region's name, or `any` @returns the region, or undefined when nothing is free */
  take(product: Product, wanted: string): string | undefined {
    if (wanted !== 'any' && regions[wanted] === undefined) throw errorResponse(422, 'Region not found');
    const region = this.regionsWithCapacity(product).find((name) => wanted === 'any' || name === wanted);
    if (region !== undefined) this.#free.set(`${product.name}@${region}`, this.#count(product, region) - 1);
    return region;
  }

  give(product: Product, region: string): void {
    this.#free.set(`${product.name}@${region}`, this.#count(product, region) + 1);
  }

  #count(product: Product, region: string): number {
    return this.#free.get(`${product.name}@${region}`) ?? 0;
  }
}
