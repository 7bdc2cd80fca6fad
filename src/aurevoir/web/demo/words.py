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
    ),
    "de": Words(
        name="Deutsch",
        motto="Das kleine Studio mit der großen Stimme",
        heading="Ihr Abonnement",
        active="Aktiv",
        trial="Probezeit",
        unpaid="Zahlung fehlgeschlagen",
        ends="Endet am {day}",
        price="Preis",
        monthly="{price} im Monat",
        yearly="{price} im Jahr",
        afterwards="Noch kostenlos, danach {price} im Monat",
        renews="Nächste Verlängerung",
        trial_ends="Ende der Probezeit",
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
    ),
}
