// Answers of the server as React state: one hook for one answer, one for a list that goes on, one for what changes something.
import {
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import type { Page } from "../../api/page.ts";
import type { RouteName } from "../../api/routes.ts";
import { call } from "./api-client.ts";
import { type CallInput, type ResponseOf } from "../../client/api-client.ts";
import type { MillraceError } from "../../core/errors/errors.ts";

export interface UseApiOptions {
  /** Ask again that often; live messages make it unnecessary mostly. */
  readonly refetchMs?: number;
  /** False waits; default true. */
  readonly enabled?: boolean;
  /** Show the answer to the input before while the new one loads; default false. */
  readonly keepPrevious?: boolean;
}

/** Operations that answer with a page. */
export type PagedRoute = {
  [Name in RouteName]: ResponseOf<Name> extends Page<unknown> ? Name : never;
}[RouteName];

export type ItemOf<Name extends PagedRoute> = ResponseOf<Name> extends Page<infer Item> ? Item : never;

/** All loaded pages of a list as one. */
export interface ListState<Item> {
  readonly items: readonly Item[];
  readonly error: MillraceError | null;
  /** Nothing is loaded yet. */
  readonly isPending: boolean;
  readonly isFetching: boolean;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
  readonly refetch: () => void;
}

/** The key that an operation's answers have in the cache; without input that of all its answers. */
export function keyOf(name: RouteName, input?: object): readonly unknown[] {
  return input === undefined ? [name] : [name, input];
}

/** For loaders and prefetching: the same key and function as `useApi`. */
export function apiQuery<Name extends RouteName>(name: Name, input: CallInput<Name>) {
  return queryOptions<ResponseOf<Name>, MillraceError>({
    queryKey: keyOf(name, input),
    queryFn: ({ signal }) => call(name, { ...input, signal }),
  });
}

/** The answer of an operation, asked for again when its input changes. */
export function useApi<Name extends RouteName>(
  name: Name,
  input: CallInput<Name>,
  { refetchMs, enabled = true, keepPrevious = false }: UseApiOptions = {},
): UseQueryResult<ResponseOf<Name>, MillraceError> {
  return useQuery<ResponseOf<Name>, MillraceError>({
    ...apiQuery(name, input),
    enabled,
    refetchInterval: refetchMs ?? false,
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
  });
}

/** A keyset list that loads page after page. `query` without `cursor`. */
export function useApiList<Name extends PagedRoute>(
  name: Name,
  input: CallInput<Name>,
  { refetchMs, enabled = true }: UseApiOptions = {},
): ListState<ItemOf<Name>> {
  const list = useInfiniteQuery<
    Page<ItemOf<Name>>,
    MillraceError,
    { pages: Page<ItemOf<Name>>[] },
    readonly unknown[],
    string | null
  >({
    queryKey: [...keyOf(name, input), "pages"],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...("query" in input ? input.query : {}), ...(pageParam === null ? {} : { cursor: pageParam }) };
      return (await call(name, { ...input, query, signal })) as Page<ItemOf<Name>>;
    },
    initialPageParam: null,
    getNextPageParam: (page) => page.next_cursor,
    enabled,
    refetchInterval: refetchMs ?? false,
  });
  return {
    items: list.data?.pages.flatMap((page) => page.items) ?? [],
    error: list.error,
    isPending: list.isPending,
    isFetching: list.isFetching,
    hasMore: list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    loadMore: () => {
      if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
    },
    refetch: () => void list.refetch(),
  };
}

/** Changes items of all loaded pages of an operation, such as by a live message; what stays the same is given back as it is. */
export function patchLists<Name extends PagedRoute>(
  client: QueryClient,
  name: Name,
  patch: (item: ItemOf<Name>) => ItemOf<Name>,
): void {
  client.setQueriesData<LoadedPages<ItemOf<Name>>>({ queryKey: keyOf(name) }, (data) => {
    if (data?.pages === undefined) return data;
    let isChanged = false;
    const pages = data.pages.map((page) => {
      const items = page.items.map(patch);
      if (items.every((item, index) => item === page.items[index])) return page;
      isChanged = true;
      return { ...page, items };
    });
    return isChanged ? { ...data, pages } : data;
  });
}

/** An operation that changes something; afterwards the answers of the `stale` operations are asked for again. */
export function useApiAction<Name extends RouteName>(
  name: Name,
  stale: readonly RouteName[] = [],
): UseMutationResult<ResponseOf<Name>, MillraceError, CallInput<Name>> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: CallInput<Name>) => call(name, input),
    onSettled: () => {
      for (const other of stale) void client.invalidateQueries({ queryKey: keyOf(other) });
    },
  });
}

interface LoadedPages<Item> {
  readonly pages?: readonly Page<Item>[];
}
