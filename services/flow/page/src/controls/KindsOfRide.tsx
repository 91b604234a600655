/** Books one ride whose payment goes as chosen. */
import { useState } from 'preact/hooks';
import { book, booking } from './book.ts';
import { Fold } from './Fold.tsx';

const payments = [
  { token: 'tok_ok', text: 'is paid' },
  { token: 'tok_declined', text: 'is declined, so the ride is rejected: a decision, not an error' },
  { token: 'tok_flaky', text: 'fails for a while: the partition waits and tries again, and keeps its order' },
];

export function KindsOfRide() {
  const [customer, setCustomer] = useState('user_1');
  const [token, setToken] = useState('tok_ok');
  return (
    <Fold
      title="Book a ride, and choose how its payment goes"
      shows="A rejected ride travels like a confirmed one. A payment that fails for a while holds up its partition only."
      open
    >
      <label class="field">
        <span>Customer, the key of the message</span>
        <input
          value={customer}
          onInput={({ currentTarget }) => setCustomer(currentTarget.value)}
          spellcheck={false}
          autocomplete="off"
        />
      </label>
      <fieldset>
        <legend>The payment</legend>
        {payments.map((payment) => (
          <label key={payment.token} class="option">
            <input
              type="radio"
              name="payment"
              checked={token === payment.token}
              onChange={() => setToken(payment.token)}
            />
            <span>{payment.text}</span>
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        disabled={booking.value}
        onClick={() => void book({ ...(customer && { customer_id: customer }), payment_token: token })}
      >
        Book this ride
      </button>
    </Fold>
  );
}
