import { type Product, regions } from './catalog.ts';
import { errorResponse } from './errors.ts';

/** The free instances by product and region. */
export class Stock {
  readonly products: readonly Product[];
  readonly #free = new Map<string, number>();

  constructor(products: readonly Product[]) {
    this.products = products;
    for (const product of products) {
      for (const [region, count] of Object.entries(product.stock)) this.#free.set(`${product.name}@${region}`, count);
    }
  }

  /** Returns a product. @throws ErrorResponse 422 when the name is unknown */
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

  /**
   * Takes one instance. Returns its region, or undefined when none is free.
   * @param wanted a region name, or `any`
   * @throws ErrorResponse 422 when the region is unknown
   */
  take(product: Product, wanted: string): string | undefined {
    if (wanted !== 'any' && regions[wanted] === undefined) throw errorResponse(422, 'Region not found');
    const region = this.regionsWithCapacity(product).find((name) => wanted === 'any' || name === wanted);
    if (region !== undefined) this.#free.set(`${product.name}@${region}`, this.#count(product, region) - 1);
    return region;
  }

  /** Returns one instance to the stock. */
  give(product: Product, region: string): void {
    this.#free.set(`${product.name}@${region}`, this.#count(product, region) + 1);
  }

  #count(product: Product, region: string): number {
    return this.#free.get(`${product.name}@${region}`) ?? 0;
  }
}
