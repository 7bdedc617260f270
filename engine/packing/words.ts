// Words: what entries say over and over (member names, event types, states, codes), each as one or two bytes.
// The list only grows, at its end: entries written with it are read with it for ever (G20). The first 64 take one byte.

export const WORDS: readonly string[] = `
  EA order 10 20 30 40 50 shipment/ erp USD released shipped closed shipment.confirmed shipment allocated GROUND
  shipment.acknowledged pick.completed shipment.in_transit ref/ delivery.completed freight invoiced invoice/ received
  approved erpNumber picked pick.completed/ freightMinor confirmed/ tracking/ in_transit delivered paid payment/
  pack.completed validated order.accepted lines order.captured invoicePolicy captured unchecked unallocated unbilled
  credit.approved limitMinor accepted order.allocated order.released nodeReference acknowledged picking billable
  signedBy invoice.posted payment.received order.closed cartons packed order.validated order.rejected place milestones
  order/ line step atMs quantities quantity event where node amounts tracking company fulfilment billing amountMinor
  city country item unit unitPrice amount per 1 places backordered expectedAt service carrier carriers trackings
  carton confirmed deliveries invoices charges releases precision ordered currency shipTo name kind allocations parts
  amountsPlace trackingPlace postedMs invoicedMinor capturedPlace street proof all id customer channel channelName
  poNumber serviceLevel overTolerancePercent underTolerancePercent requestedAt promisedAt validation credit
  creditPlace cancels wholeCancelPlace disputes creditedMinor paidMinor asks answers claims number consignment
  releasedPlace given split cancelled short damaged isWhollyDamaged end ends instructions attemptPlace runPlace
  remarks rma requested dispositioned credited dispositions conditions authorization authorizationPlace nodes receipts
  closedPlace reason order.validation_failed order.amended order.change_requested order.cancel_requested
  order.request_rejected order.cancelled credit.held credit.released backorder.created invoice.credited
  invoice.disputed invoice.dispute_resolved shipment.split shipment.amended pick.released pick.started pick.short
  item.substituted shipment.booked shipment.out_for_delivery shipment.delayed shipment.damaged delivery.attempted
  delivery.refused shipment.lost shipment.returned_to_sender shipment.cancelled return.initiated return.authorized
  return.rejected return.in_transit return.received return.inspected return.dispositioned return.credited
  return.closed correction.reported claim.reported lifecycle rejected held partly_shipped partly_delivered
  partly_invoiced disputed execution out_for_delivery refused lost returned_to_sender condition off on delayed
  attempt_failed none initiated authorized goods expected inspected due transport twin any crm wms 3pl tms operator
  tax fee EUR GBP CAD MXN KG LB CS BX PK M FT weightGrams remark terms delivery prepaid task cancellation ask return
  receipt memo payment orders region postalCode phone email timeZone description conversions disposition restock
  refurbish scrap send_back open state reasons own substitute substituteItem substitution amended change cancel
  placeOf type data by code waitsFor owner locked not_owner not_allowed_in_state quantity_exceeded parked no_such_move
  foreign_role unknown_subject unknown_line owner_not_known order_not_accepted credit_not_approved credit_held
  proof_of_shipment_missing proof_of_delivery_missing order_closed order_rejected order_cancelled subject_inferred
  version_conflict id_reused over_release return/ memo/ ask/ initiated/ cancellation/ pick.short/ item.substituted/
  po/ erp/ rma/ consignment/
  order.retired ordertwin retired/ closedForDays lastRecordedMs entries actors numbers keys version digest
  closed.approved.delivered.paid delivered.off.off.off.off
`
  .trim()
  .split(/\s+/)
