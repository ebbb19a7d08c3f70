// The rules of the business: what a promotion is, and the history of each.
import type { LoadTransform } from "millrace";

/** Currencies that the books have. */
const currencies = ["EUR", "USD", "GBP", "SEK"];

/** Names and currencies as they are meant. */
const clean = `
  select
    promo_id,
    trim(name) as name,
    case upper(trim(currency)) when 'US$' then 'USD' else upper(trim(currency)) end as currency,
    discount_percent, budget, valid_from, valid_to, updated_at
  from source`;

/** A delivery that came twice counts once. */
const once = `
  select * from source
  qualify row_number() over (partition by promo_id, updated_at order by budget, discount_percent) = 1`;

/**
 * A version holds until the next one begins, whichever of the two came first: late versions take their places in the history, and
 * none reaches into another one.
 */
const history = `
  select
    promo_id,
    row_number() over (partition by promo_id order by valid_from, updated_at) as version,
    name, currency, discount_percent, budget, valid_from,
    least(valid_to, coalesce(lead(valid_from) over (partition by promo_id order by valid_from, updated_at), valid_to)) as valid_to,
    lead(valid_from) over (partition by promo_id order by valid_from, updated_at) is null as is_current,
    updated_at
  from source`;

export const transformPromotions: LoadTransform = [
  clean,
  {
    validate: {
      promo_id: { required: true },
      currency: { required: true, enum: currencies },
      discount_percent: { minimum: 0, maximum: 100 },
    },
    onError: "quarantine",
  },
  once,
  history,
];
