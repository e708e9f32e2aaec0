// In the place of Cloudflare's own tool, 200 MB, which SvelteKit's adapter asks for its configuration: there is none.
export const unstable_readConfig = () => ({});
export const getPlatformProxy = async () => ({ env: {}, ctx: {}, caches: {}, cf: {} });
