// Words: what entries say over and over (member names, event types, states, codes), each as one or two bytes.
// The list only grows, at its end: entries written with it are read with it for ever (G20). The first 64 take one byte.

export const WORDS: readonly string[] = `
  order place milestones shipment/ order/ erp line lines step atMs quantities quantity event where allocated node
  amounts tracking company shipment fulfilment billing amountMinor city country item unit unitPrice amount per EA 1 10
  20 30 40 50 places backordered expectedAt service carrier carriers trackings cartons carton picked released shipped
  delivered confirmed deliveries invoices charges releases precision ordered ref/ tracking/ currency USD shipTo name
  kind allocations parts amountsPlace trackingPlace signedBy postedMs invoicedMinor capturedPlace street proof all id
  customer channel channelName poNumber erpNumber serviceLevel invoicePolicy overTolerancePercent
  underTolerancePercent requestedAt promisedAt validation credit creditPlace cancels wholeCancelPlace disputes
  creditedMinor paidMinor asks answers claims number consignment releasedPlace given split cancelled short damaged
  isWhollyDamaged end ends instructions freightMinor attemptPlace runPlace remarks rma requested received
  dispositioned credited dispositions conditions authorization authorizationPlace nodes receipts closedPlace reason
  order.captured order.validated order.validation_failed order.accepted order.rejected order.amended
  order.change_requested order.cancel_requested order.request_rejected order.cancelled credit.approved credit.held
  credit.released order.allocated backorder.created order.released order.closed invoice.posted invoice.credited
  invoice.disputed invoice.dispute_resolved payment.received shipment.acknowledged shipment.split shipment.amended
  pick.released pick.started pick.completed pick.short item.substituted pack.completed shipment.booked
  shipment.confirmed shipment.in_transit shipment.out_for_delivery shipment.delayed shipment.damaged
  delivery.attempted delivery.completed delivery.refused shipment.lost shipment.returned_to_sender shipment.cancelled
  return.initiated return.authorized return.rejected return.in_transit return.received return.inspected
  return.dispositioned return.credited return.closed correction.reported claim.reported lifecycle captured validated
  accepted closed rejected unchecked approved held unallocated partly_shipped partly_delivered unbilled billable
  partly_invoiced invoiced paid disputed execution acknowledged picking packed in_transit out_for_delivery refused
  lost returned_to_sender condition off on delayed attempt_failed none initiated authorized goods expected inspected
  due transport twin any crm wms 3pl tms operator freight tax fee EUR GBP CAD MXN KG LB CS BX PK M FT weightGrams
  remark terms delivery prepaid limitMinor nodeReference task cancellation ask return receipt memo payment orders
  region postalCode phone email timeZone description conversions disposition restock refurbish scrap send_back open
  state reasons own substitute substituteItem substitution amended change cancel placeOf type data by code waitsFor
  owner locked not_owner not_allowed_in_state quantity_exceeded parked no_such_move foreign_role unknown_subject
  unknown_line owner_not_known order_not_accepted credit_not_approved credit_held proof_of_shipment_missing
  proof_of_delivery_missing order_closed order_rejected order_cancelled subject_inferred version_conflict id_reused
  over_release GROUND return/ invoice/ payment/ confirmed/ memo/ ask/ initiated/ cancellation/ pick.completed/
  pick.short/ item.substituted/ po/ erp/ rma/ consignment/
`
  .trim()
  .split(/\s+/)
