"""What Pipit's account page says, in its five languages. Data, no code."""

from collections.abc import Mapping

from msgspec import Struct

from aurevoir.web.demo.scene import LanguageTag


class Words(Struct, frozen=True, kw_only=True):
    """One language's words; `{day}` and `{price}` are filled in."""

    name: str
    motto: str
    heading: str
    active: str
    trial: str
    unpaid: str
    ends: str
    price: str
    monthly: str
    yearly: str
    afterwards: str
    renews: str
    trial_ends: str
    payment: str
    card: str
    card_failed: str
    invoice: str
    seats: str
    seats_held: str
    commitment: str
    until: str
    notice: str
    notice_days: str
    show: str
    episodes: str
    recorded: str
    hours: str
    may_leave: str
    cancel: str
    is_leaving: str
    see: str
    reduced: str
    pauses: str
    paused: str
    in_parts: str
    part: str
    open_invoice: str
    due: str
    declined: str
    nothing: str
    changes: str
    extra: str
    # By the codes that the starters use.
    features: Mapping[str, str]
    ended: str
    has_ended: str
    payments: str
    for_renewal: str
    for_part: str
    for_invoice: str
    no_payments: str
    today: str
    days_on: str


WORDS: Mapping[LanguageTag, Words] = {
    "en": Words(
        name="English",
        motto="The little studio with a big voice",
        heading="Your subscription",
        active="Active",
        trial="On trial",
        unpaid="Payment failed",
        ends="Ends on {day}",
        price="Price",
        monthly="{price} a month",
        yearly="{price} a year",
        afterwards="Free for now, then {price} a month",
        renews="Next renewal",
        trial_ends="Trial ends",
        payment="Paid by",
        card="Visa ending in 4242",
        card_failed="Visa ending in 4242, declined",
        invoice="Invoice, due in 30 days",
        seats="Seats",
        seats_held="12, microphones included",
        commitment="Minimum term",
        until="until {day}",
        notice="Notice",
        notice_days="30 days",
        show="A podcast by Dana Brandt",
        episodes="47 episodes · 1,284 listeners last month",
        recorded="Recorded this month",
        hours="3 of 20 hours",
        may_leave="You can leave at any time. It takes about a minute.",
        cancel="Cancel subscription",
        is_leaving="Your cancellation is received. The studio stays open to you until {day}.",
        see="See your cancellation",
        reduced="{now} until {day}, then {price}",
        pauses="Pauses on {day}",
        paused="Paused until {day}",
        in_parts="Paid in parts",
        part="{price} on {day}",
        open_invoice="Open invoice",
        due="{price}, due on {day}",
        declined="{price}, payment declined",
        nothing="{day}, nothing to pay",
        changes="From {day}",
        extra="Included for now",
        features={
            "stock_alerts": "Stock levels and alerts",
            "approvals": "Approval steps",
            "remote_work": "Working from home",
            "extra_capacity": "More room",
        },
        ended="Ended on {day}",
        has_ended="The subscription ended on {day}. Nothing more is charged.",
        payments="Payments",
        for_renewal="Subscription",
        for_part="Part payment",
        for_invoice="Invoice",
        no_payments="Nothing has been charged yet.",
        today="Today is {day}",
        days_on="+30 days",
    ),
    "fr": Words(
        name="Français",
        motto="Le petit studio à la grande voix",
        heading="Votre abonnement",
        active="Actif",
        trial="À l’essai",
        unpaid="Paiement refusé",
        ends="Prend fin le {day}",
        price="Prix",
        monthly="{price} par mois",
        yearly="{price} par an",
        afterwards="Gratuit pour l’instant, puis {price} par mois",
        renews="Prochaine échéance",
        trial_ends="Fin de l’essai",
        payment="Moyen de paiement",
        card="Visa se terminant par 4242",
        card_failed="Visa se terminant par 4242, refusée",
        invoice="Facture à 30 jours",
        seats="Postes",
        seats_held="12, micros compris",
        commitment="Engagement",
        until="jusqu’au {day}",
        notice="Préavis",
        notice_days="30 jours",
        show="Un podcast de Dana Brandt",
        episodes="47 épisodes · 1 284 auditeurs le mois dernier",
        recorded="Enregistré ce mois-ci",
        hours="3 heures sur 20",
        may_leave="Vous pouvez partir à tout moment. Cela prend environ une minute.",
        cancel="Résilier l’abonnement",
        is_leaving="Votre résiliation est enregistrée. Le studio vous reste ouvert jusqu’au {day}.",
        see="Voir votre résiliation",
        reduced="{now} jusqu’au {day}, puis {price}",
        pauses="En pause à partir du {day}",
        paused="En pause jusqu’au {day}",
        in_parts="Réglé en plusieurs fois",
        part="{price} le {day}",
        open_invoice="Facture en attente",
        due="{price}, à régler le {day}",
        declined="{price}, paiement refusé",
        nothing="{day}, rien à payer",
        changes="À partir du {day}",
        extra="Inclus pour l’instant",
        features={
            "stock_alerts": "Niveaux de stock et alertes",
            "approvals": "Circuit d’approbation",
            "remote_work": "Travail à distance",
            "extra_capacity": "Plus de place",
        },
        ended="Terminé le {day}",
        has_ended="L’abonnement a pris fin le {day}. Plus rien n’est prélevé.",
        payments="Paiements",
        for_renewal="Abonnement",
        for_part="Paiement partiel",
        for_invoice="Facture",
        no_payments="Rien n’a encore été prélevé.",
        today="Nous sommes le {day}",
        days_on="+30 jours",
    ),
    "de": Words(
        name="Deutsch",
        motto="Das kleine Studio mit der großen Stimme",
        heading="Ihr Abonnement",
        active="Aktiv",
        trial="Testzeitraum",
        unpaid="Zahlung fehlgeschlagen",
        ends="Endet am {day}",
        price="Preis",
        monthly="{price} im Monat",
        yearly="{price} im Jahr",
        afterwards="Noch kostenlos, danach {price} im Monat",
        renews="Nächste Verlängerung",
        trial_ends="Ende des Testzeitraums",
        payment="Zahlungsart",
        card="Visa mit den Endziffern 4242",
        card_failed="Visa mit den Endziffern 4242, abgelehnt",
        invoice="Rechnung, zahlbar in 30 Tagen",
        seats="Plätze",
        seats_held="12, Mikrofone inbegriffen",
        commitment="Mindestlaufzeit",
        until="bis {day}",
        notice="Kündigungsfrist",
        notice_days="30 Tage",
        show="Ein Podcast von Dana Brandt",
        episodes="47 Folgen · 1.284 Hörerinnen und Hörer im letzten Monat",
        recorded="Aufgenommen in diesem Monat",
        hours="3 von 20 Stunden",
        may_leave="Sie können jederzeit gehen. Es dauert etwa eine Minute.",
        cancel="Abonnement kündigen",
        is_leaving="Ihre Kündigung ist eingegangen. Das Studio bleibt Ihnen bis {day} offen.",
        see="Kündigung ansehen",
        reduced="{now} bis {day}, danach {price}",
        pauses="Pause ab {day}",
        paused="Pause bis {day}",
        in_parts="In Raten",
        part="{price} am {day}",
        open_invoice="Offene Rechnung",
        due="{price}, fällig am {day}",
        declined="{price}, Zahlung abgelehnt",
        nothing="{day}, nichts zu zahlen",
        changes="Ab {day}",
        extra="Vorübergehend dabei",
        features={
            "stock_alerts": "Lagerbestände und Meldungen",
            "approvals": "Freigabeschritte",
            "remote_work": "Arbeiten von zu Hause",
            "extra_capacity": "Mehr Platz",
        },
        ended="Beendet am {day}",
        has_ended="Das Abonnement endete am {day}. Es wird nichts mehr abgebucht.",
        payments="Zahlungen",
        for_renewal="Abonnement",
        for_part="Rate",
        for_invoice="Rechnung",
        no_payments="Bisher wurde nichts abgebucht.",
        today="Heute ist der {day}",
        days_on="+30 Tage",
    ),
    "es": Words(
        name="Español",
        motto="El pequeño estudio de gran voz",
        heading="Su suscripción",
        active="Activa",
        trial="De prueba",
        unpaid="Pago rechazado",
        ends="Termina el {day}",
        price="Precio",
        monthly="{price} al mes",
        yearly="{price} al año",
        afterwards="Gratis por ahora, después {price} al mes",
        renews="Próxima renovación",
        trial_ends="Fin de la prueba",
        payment="Forma de pago",
        card="Visa terminada en 4242",
        card_failed="Visa terminada en 4242, rechazada",
        invoice="Factura a 30 días",
        seats="Puestos",
        seats_held="12, con micrófonos",
        commitment="Permanencia",
        until="hasta el {day}",
        notice="Preaviso",
        notice_days="30 días",
        show="Un pódcast de Dana Brandt",
        episodes="47 episodios · 1284 oyentes el mes pasado",
        recorded="Grabado este mes",
        hours="3 de 20 horas",
        may_leave="Puede irse cuando quiera. Se tarda más o menos un minuto.",
        cancel="Cancelar la suscripción",
        is_leaving="Hemos recibido su cancelación. El estudio sigue abierto para usted hasta el {day}.",
        see="Ver su cancelación",
        reduced="{now} hasta el {day}, después {price}",
        pauses="En pausa a partir del {day}",
        paused="En pausa hasta el {day}",
        in_parts="A plazos",
        part="{price} el {day}",
        open_invoice="Factura pendiente",
        due="{price}, vence el {day}",
        declined="{price}, pago rechazado",
        nothing="{day}, nada que pagar",
        changes="A partir del {day}",
        extra="Incluido por ahora",
        features={
            "stock_alerts": "Existencias y avisos",
            "approvals": "Circuito de aprobación",
            "remote_work": "Trabajo a distancia",
            "extra_capacity": "Más espacio",
        },
        ended="Terminada el {day}",
        has_ended="La suscripción terminó el {day}. Ya no se cobra nada.",
        payments="Pagos",
        for_renewal="Suscripción",
        for_part="Plazo",
        for_invoice="Factura",
        no_payments="Todavía no se ha cobrado nada.",
        today="Hoy es {day}",
        days_on="+30 días",
    ),
    "ar": Words(
        name="العربية",
        motto="الاستوديو الصغير ذو الصوت الكبير",
        heading="اشتراكك",
        active="نشط",
        trial="فترة تجريبية",
        unpaid="تعذّر الدفع",
        ends="ينتهي في {day}",
        price="السعر",
        monthly="{price} شهريًا",
        yearly="{price} سنويًا",
        afterwards="مجاني الآن، ثم {price} شهريًا",
        renews="التجديد القادم",
        trial_ends="نهاية الفترة التجريبية",
        payment="طريقة الدفع",
        card="بطاقة فيزا تنتهي بالرقم 4242",
        card_failed="بطاقة فيزا تنتهي بالرقم 4242، مرفوضة",
        invoice="فاتورة تُسدَّد خلال 30 يومًا",
        seats="المقاعد",
        seats_held="12، مع الميكروفونات",
        commitment="مدة الالتزام",
        until="حتى {day}",
        notice="مهلة الإشعار",
        notice_days="30 يومًا",
        show="بودكاست تقدّمه دانا برانت",
        episodes="47 حلقة · 1284 مستمعًا في الشهر الماضي",
        recorded="سُجّل هذا الشهر",
        hours="3 من 20 ساعة",
        may_leave="يمكنك المغادرة متى شئت، ولا يستغرق ذلك سوى دقيقة تقريبًا.",
        cancel="إلغاء الاشتراك",
        is_leaving="استلمنا طلب الإلغاء. يبقى الاستوديو متاحًا لك حتى {day}.",
        see="عرض الإلغاء",
        reduced="{now} حتى {day}، ثم {price}",
        pauses="يتوقف مؤقتًا في {day}",
        paused="متوقف مؤقتًا حتى {day}",
        in_parts="على دفعات",
        part="{price} في {day}",
        open_invoice="فاتورة غير مسددة",
        due="{price}، تُستحق في {day}",
        declined="{price}، رُفض الدفع",
        nothing="{day}، دون أي مبلغ",
        changes="ابتداءً من {day}",
        extra="مشمول مؤقتًا",
        features={
            "stock_alerts": "مستويات المخزون والتنبيهات",
            "approvals": "خطوات الموافقة",
            "remote_work": "العمل عن بُعد",
            "extra_capacity": "سعة أكبر",
        },
        ended="انتهى في {day}",
        has_ended="انتهى الاشتراك في {day}، ولن يُخصم أي مبلغ بعد الآن.",
        payments="المدفوعات",
        for_renewal="اشتراك",
        for_part="دفعة جزئية",
        for_invoice="فاتورة",
        no_payments="لم يُخصم أي مبلغ بعد.",
        today="اليوم هو {day}",
        days_on="+30 يومًا",
    ),
}
